"""My Page: a signed-in shopper's own things, and nobody else's."""
