"""What `earshot init` is made of: answers, a look at a site, and the document."""
