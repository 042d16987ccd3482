"""Reading relations, handing back results, and what else differs between warehouses."""
