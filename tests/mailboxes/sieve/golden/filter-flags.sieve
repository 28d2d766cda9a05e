require ["imap4flags"];
if anyof (header :contains "subject" "offer") {
    addflag "\\Seen";
    addflag "\\Deleted";
    addflag "\\Answered";
    addflag "\\Flagged";
    addflag "\\Draft";
    addflag "Junk";
    addflag "NotJunk";
    addflag "$label1";
}
