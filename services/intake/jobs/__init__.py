"""What has intake to do that no message and no door asks for?"""
