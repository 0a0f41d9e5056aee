"""--check: is everything there that a working nightlight needs, and if not, what is to be done?"""
