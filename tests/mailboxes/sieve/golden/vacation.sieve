require ["vacation"];
vacation :days 5 :addresses ["anna@example.org"] text:
I am away.
Back on Monday.
.
;
