require ["body"];
if anyof (body :text :contains text:
one
..two
.
) {
    keep;
}
