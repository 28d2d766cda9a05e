require ["vacation","enotify","variables"];
keep;
redirect "a@example.net";
if allof ( not exists ["list-help", "list-unsubscribe", "list-subscribe", "list-owner", "list-post", "list-archive", "list-id", "Mailing-List"], not header :comparator "i;ascii-casemap" :is "Precedence" ["list", "bulk", "junk"], not header :comparator "i;ascii-casemap" :matches "To" "Multiple recipients of*" ) { vacation :days 5 :addresses ["anna@example.org"] text:
I am away.
Back on Monday.
.
;
}
if anyof (header :contains "subject" "offer") {
    keep;
}
    keep;
if header :matches "subject" "*" {
  set "subject" "${1}";
}
if header :matches "From" "*<*>" {
  set "from" "${1} ${2}";
}
set :encodeurl "body_param" "";
notify :message "New message: '${subject}' from: ${from}" "mailto:a@example.net?body=${body_param}";
if header :matches "subject" "*" {
  set "subject" "${1}";
}
if header :matches "From" "*<*>" {
  set "from" "${1} ${2}";
}
set :encodeurl "body_param" "";
notify :message "New message: '${subject}' from: ${from}" "mailto:b@example.net?body=${body_param}";
