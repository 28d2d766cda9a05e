require ["vacation"];
vacation :days 5 :addresses ["anna@example.org"] text:
Grüße, 敬具

.
;
