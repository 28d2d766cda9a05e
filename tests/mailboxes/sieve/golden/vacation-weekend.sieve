require ["vacation","date","relational"];
if allof ( currentdate :is "weekday" ["0", "6"] ) { vacation :days 5 :addresses ["anna@example.org"] text:
I am away.
Back on Monday.
.
;
}
