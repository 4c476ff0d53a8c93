// What went wrong with a form or a card as a whole.

export function FormError({ text }: { text: string | null }) {
  if (!text) return null;
  return (
    <p class="field-error" role="alert" data-testid="form-error">
      {text}
    </p>
  );
}
