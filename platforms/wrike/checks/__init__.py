"""What can be wrong with the accounts and tokens of integrations in Wrike."""
