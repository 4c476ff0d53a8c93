// Several of a few: a native group of check boxes.

interface Properties {
  label: string;
  options: readonly (readonly [string, string])[];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
  disabled?: boolean;
}

export function Checks({ label, options, chosen, onChange, disabled }: Properties) {
  const toggle = (value: string): void => onChange(chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]);
  return (
    <fieldset class="field" disabled={disabled}>
      <legend>{label}</legend>
      <div class="checks">
        {options.map(([value, text]) => (
          <label key={value} class="check" dir="auto">
            <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
