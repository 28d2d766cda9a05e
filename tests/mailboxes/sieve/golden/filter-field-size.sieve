if allof (size :over 10K, size :under 2048K) {
    keep;
}
