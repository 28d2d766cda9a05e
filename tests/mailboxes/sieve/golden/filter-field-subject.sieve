require ["regex"];
if anyof (header :is "subject" "v*", not header :is "subject" "v*", header :contains "subject" "v*", not header :contains "subject" "v*", header :matches "subject" "v*", not header :matches "subject" "v*", header :regex :comparator "i;octet" "subject" "v*", not header :regex :comparator "i;octet" "subject" "v*") {
    keep;
}
