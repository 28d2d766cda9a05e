require ["regex"];
if anyof (address :is "cc" "v*", not address :is "cc" "v*", address :contains "cc" "v*", not address :contains "cc" "v*", address :matches "cc" "v*", not address :matches "cc" "v*", address :regex :comparator "i;octet" "cc" "v*", not address :regex :comparator "i;octet" "cc" "v*") {
    keep;
}
