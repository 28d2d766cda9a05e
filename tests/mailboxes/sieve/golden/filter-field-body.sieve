require ["body","regex"];
if anyof (body :text :is "v*", not body :text :is "v*", body :text :contains "v*", not body :text :contains "v*", body :text :matches "v*", not body :text :matches "v*", body :text :regex :comparator "i;octet" "v*", not body :text :regex :comparator "i;octet" "v*") {
    keep;
}
