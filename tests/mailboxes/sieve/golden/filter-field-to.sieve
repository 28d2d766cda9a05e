require ["regex"];
if anyof (address :is "to" "v*", not address :is "to" "v*", address :contains "to" "v*", not address :contains "to" "v*", address :matches "to" "v*", not address :matches "to" "v*", address :regex :comparator "i;octet" "to" "v*", not address :regex :comparator "i;octet" "to" "v*") {
    keep;
}
