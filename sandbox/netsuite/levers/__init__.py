"""What only people do, in NetSuite's user interface or in a consumer's own settings; under /world/netsuite/."""
