require ["imap4flags","fileinto"];
    addflag "\\Flagged";
    fileinto "All";
