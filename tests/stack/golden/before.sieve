require ["fileinto", "mailbox"];
# What a filter before us has marked; a person's own rules come after this.
if anyof (header :is "X-Spam-Flag" "YES", header :is "X-Spam" "Yes") {
  fileinto :create "Junk";
  stop;
}
