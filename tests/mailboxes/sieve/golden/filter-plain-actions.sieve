if anyof (header :contains "subject" "offer") {
    keep;
}
if anyof (header :contains "subject" "offer") {
    discard;
}
if anyof (header :contains "subject" "offer") {
    stop;
}
