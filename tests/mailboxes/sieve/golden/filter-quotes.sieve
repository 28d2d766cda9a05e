if anyof (header :is "subject" "\"\\", header :contains "X-Kind" "é") {
    keep;
}
