require ["fileinto"];
if anyof (header :contains "subject" "offer") {
    fileinto "Offers";
}
