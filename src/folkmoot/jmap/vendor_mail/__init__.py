"""What people do with mail beyond the standards: filters, accounts, keys, labels, waiting mail, delegates."""
