"""The same figures once more, without the module: plain Python over Odoo's own records."""

from datetime import datetime, time


def delivered(line, day):
    """Quantity of an order line that had left at the end of the day, less what came back."""
    end, total = datetime.combine(day, time.max), 0.0
    for move in line.move_ids:
        if move.state != "done" or move.date > end or move.product_id != line.product_id:
            continue
        sign = 0
        if move.location_dest_id.usage == "customer":
            sign = 1 if not move.origin_returned_move_id or move.to_refund else 0
        elif move.location_id.usage == "customer" and move.to_refund:
            sign = -1
        total += sign * move.product_uom._compute_quantity(move.quantity, line.product_uom_id)
    return total


def invoiced(line, day):
    """Quantity on posted invoices less credit notes at the end of the day."""
    total = 0.0
    for item in line.invoice_lines:
        if item.parent_state == "posted" and item.date <= day:
            quantity = item.product_uom_id._compute_quantity(item.quantity, line.product_uom_id)
            total += -quantity if item.move_id.move_type == "out_refund" else quantity
    return total


def revenue(line, day):
    """Order currency, without tax: discounted price of what was delivered and not invoiced."""
    price = line.price_unit * (1 - line.discount / 100)
    return round(price * (delivered(line, day) - invoiced(line, day)), 2)


def cost(line, day, unit_cost):
    """Company currency, at one cost of all pieces."""
    return round(unit_cost * (delivered(line, day) - invoiced(line, day)), 2)
