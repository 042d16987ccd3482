"""The dashboard, as `streamlit run` starts it."""

import streamlit as st
from attrition.errors import AttritionError

from app.drawing import colour, reader
from app.views import contacts, customer, customers, forecast, overview, promotions, quality


@st.fragment(run_every="10s")
def follow() -> None:
    """Draw the page again when a build is there since."""
    try:
        stamp = reader().stamp()
    except AttritionError:
        return
    seen = st.session_state.setdefault("stamp", stamp)
    if seen != stamp:
        st.session_state["stamp"] = stamp
        st.rerun()


def show() -> None:
    """Draw the page that the visitor chose."""
    st.set_page_config(page_title="Attrition", layout="wide")
    # Streamlit's own text on chosen values is white, too faint on the light colour of the dark
    # theme.
    st.html(f"<style>[data-tag], [data-tag] * {{ color: {colour('paper')} !important }}</style>")
    chosen = st.navigation([
        st.Page(overview.show, title="Overview", url_path="overview", default=True),
        st.Page(customers.show, title="Customers", url_path="customers"),
        st.Page(customer.show, title="One customer", url_path="customer"),
        st.Page(contacts.show, title="Contact list", url_path="contacts"),
        st.Page(forecast.show, title="Forecast", url_path="forecast"),
        st.Page(quality.show, title="Model quality", url_path="quality"),
        st.Page(promotions.show, title="Promotions", url_path="promotions"),
    ])  # fmt: skip
    follow()
    chosen.run()


if __name__ == "__main__":
    show()
