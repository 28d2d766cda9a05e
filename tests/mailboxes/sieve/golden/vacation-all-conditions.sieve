require ["vacation","date","relational","variables"];
if allof ( not exists ["list-help", "list-unsubscribe", "list-subscribe", "list-owner", "list-post", "list-archive", "list-id", "Mailing-List"], not header :comparator "i;ascii-casemap" :is "Precedence" ["list", "bulk", "junk"], not header :comparator "i;ascii-casemap" :matches "To" "Multiple recipients of*", currentdate :value "ge" "date" "2026-05-28", currentdate :value "le" "date" "2026-09-21", anyof ( date :value "ge" :zone "-0600" "date" "time" "17:00:00", date :value "lt" :zone "-0600" "date" "time" "08:30:00" ), currentdate :is "weekday" ["1", "2"] ) { if header :matches "Subject" "*" { set "subject" "${1}"; } vacation :days 5 :subject "${subject}" :addresses ["anna@example.org"] text:
I am away.
Back on Monday.
.
;
discard;
}
