from customers.operations.recognition import recognise_customers
from customers.rules import Recognise, Recognised

__all__ = ["Recognise", "Recognised", "recognise_customers"]
