require ["regex"];
if anyof (address :is "from" "v*", not address :is "from" "v*", address :contains "from" "v*", not address :contains "from" "v*", address :matches "from" "v*", not address :matches "from" "v*", address :regex :comparator "i;octet" "from" "v*", not address :regex :comparator "i;octet" "from" "v*") {
    keep;
}
