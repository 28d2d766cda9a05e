require ["reject"];
if anyof (header :contains "subject" "offer") {
    reject "No \"thanks\".";
}
