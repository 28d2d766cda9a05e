if anyof (header :contains "subject" "offer") {
    redirect "a@example.net";
    keep;
}
