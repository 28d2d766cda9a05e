require ["vacation"];
vacation :days 5 :subject "Away \"for now\" \\" :addresses ["anna@example.org"] text:
I am away.
Back on Monday.
.
;
