require ["vacation","date","relational"];
if allof ( currentdate :value "ge" "date" "2026-05-28" ) { vacation :days 5 :addresses ["anna@example.org"] text:
I am away.
Back on Monday.
.
;
}
