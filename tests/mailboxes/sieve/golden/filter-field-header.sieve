require ["regex"];
if anyof (header :is "List-Id" "v*", not header :is "List-Id" "v*", header :contains "List-Id" "v*", not header :contains "List-Id" "v*", header :matches "List-Id" "v*", not header :matches "List-Id" "v*", header :regex :comparator "i;octet" "List-Id" "v*", not header :regex :comparator "i;octet" "List-Id" "v*") {
    keep;
}
