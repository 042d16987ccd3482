// Draws each figure from the specification that stands in it, as SVG and without a menu.
for (const plot of document.querySelectorAll(".plot")) {
  const spec = JSON.parse(plot.querySelector("script").textContent);
  const place = document.createElement("div");
  place.style.width = "100%";
  plot.append(place);
  vegaEmbed(place, spec, { renderer: "svg", actions: false, tooltip: { theme: "custom" } });
}
