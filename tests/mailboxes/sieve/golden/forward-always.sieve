keep;
redirect "b@example.net";
redirect "a@example.net";
if anyof (header :contains "subject" "offer") {
    keep;
}
