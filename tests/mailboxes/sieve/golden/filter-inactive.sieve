if anyof (header :contains "subject" "offer") {
    keep;
}
