"""Where do people land who follow the link in an alarm? Server-rendered, without JavaScript."""
