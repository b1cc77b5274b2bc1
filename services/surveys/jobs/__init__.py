"""What does surveys do by itself, without being asked?"""
