require ["vacation"];
vacation :days 7 :addresses ["anna@example.org"] text:
I am away.
Back on Monday.
.
;
