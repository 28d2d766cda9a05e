require ["fileinto"];
if allof (address :is "from" "ida@example.net", header :contains "subject" "offer") {
    fileinto "Offers";
    stop;
}
if anyof (size :over 1024K) {
    discard;
}
