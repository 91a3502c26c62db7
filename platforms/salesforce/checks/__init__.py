"""What is wrong with how integrations sign in to Salesforce. Each check is one pure function over one listing."""
