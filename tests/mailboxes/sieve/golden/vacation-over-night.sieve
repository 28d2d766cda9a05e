require ["vacation","date","relational"];
if allof ( anyof ( date :value "ge" :zone "-0600" "date" "time" "17:00:00", date :value "lt" :zone "-0600" "date" "time" "08:30:00" ) ) { vacation :days 5 :addresses ["anna@example.org"] text:
I am away.
Back on Monday.
.
;
}
