require ["vacation","date","relational"];
if allof ( currentdate :value "le" "date" "2026-09-21" ) { vacation :days 5 :addresses ["anna@example.org"] text:
I am away.
Back on Monday.
.
;
}
