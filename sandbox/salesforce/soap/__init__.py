"""The SOAP endpoints: partner login(), and the Metadata API as far as accounts and apps need it."""
