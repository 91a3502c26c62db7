"""What is wrong with how integrations sign in to NetSuite. Each check is one pure function over one listing."""
