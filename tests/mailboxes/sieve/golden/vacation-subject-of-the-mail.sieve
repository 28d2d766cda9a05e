require ["vacation","variables"];
if header :matches "Subject" "*" { set "subject" "${1}"; } vacation :days 5 :subject "Re: ${subject}" :addresses ["anna@example.org"] text:
I am away.
Back on Monday.
.
;
