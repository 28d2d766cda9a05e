require ["vacation","variables"];
if allof ( not exists ["list-help", "list-unsubscribe", "list-subscribe", "list-owner", "list-post", "list-archive", "list-id", "Mailing-List"], not header :comparator "i;ascii-casemap" :is "Precedence" ["list", "bulk", "junk"], not header :comparator "i;ascii-casemap" :matches "To" "Multiple recipients of*" ) { if header :matches "Subject" "*" { set "subject" "${1}"; } vacation :days 5 :subject "Re: ${subject}" :addresses ["anna@example.org"] text:
I am away.
Back on Monday.
.
;
}
