"""`attrition doctor`: what is in order, what is not, and what a build will be able to do."""
