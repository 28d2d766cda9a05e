require ["regex"];
if anyof (address :is ["to", "cc"] "v*", not address :is ["to", "cc"] "v*", address :contains ["to", "cc"] "v*", not address :contains ["to", "cc"] "v*", address :matches ["to", "cc"] "v*", not address :matches ["to", "cc"] "v*", address :regex :comparator "i;octet" ["to", "cc"] "v*", not address :regex :comparator "i;octet" ["to", "cc"] "v*") {
    keep;
}
