require ["reject"];
if anyof (header :contains "subject" "offer") {
    reject text:
No.
..
Really.
.
;
}
