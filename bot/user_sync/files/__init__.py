"""The two sides of the sync as files: CSV and JSON read strictly, forecasts written safely."""
