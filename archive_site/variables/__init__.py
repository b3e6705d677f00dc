"""How environment variables are declared, read and explained; archive_site.env says which there are."""
