require ["enotify","variables"];
if header :matches "subject" "*" {
  set "subject" "${1}";
}
if header :matches "From" "*<*>" {
  set "from" "${1} ${2}";
}
set :encodeurl "body_param" "Look & see";
notify :message "You have mail: '${subject}' from: ${from}" "mailto:a@example.net?body=${body_param}";
